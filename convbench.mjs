import fs from 'node:fs';
const f = fs.readdirSync('out/cli').find(n=>/^backend-.*\.mjs$/.test(n));
const b = await import('./out/cli/'+f);
const start = Object.values(b).find(v=>typeof v==='function'&&v.name==='startEngine');
console.log(await start());
const tf = await import('@tensorflow/tfjs');
const layers=[[32,3,64],[32,64,64],[16,64,128],[16,128,128],[8,128,256],[8,256,256],[8,256,256],[4,256,512],[4,512,512],[4,512,512],[2,512,512],[2,512,512],[2,512,512]];
const conv=(x,w)=>tf.engine().runKernel('Conv2D',{x,filter:w},{strides:[1,1],pad:'same',dataFormat:'NHWC',dilations:[1,1]});
const bi=(d,w,s)=>tf.engine().runKernel('Conv2DBackpropInput',{dy:d,filter:w},{strides:[1,1],pad:'same',dataFormat:'NHWC',inputShape:s});
const bf=(x,d,s)=>tf.engine().runKernel('Conv2DBackpropFilter',{x,dy:d},{strides:[1,1],pad:'same',dataFormat:'NHWC',filterShape:s});
const time=(fn)=>{let best=[];for(let i=0;i<9;i++){const t=performance.now();const r=fn();for(const x of r)x.dispose();best.push(performance.now()-t);}best.sort((a,b)=>a-b);return best[4];};
let T=[0,0,0,0,0,0];
const G=+process.argv[2]||10;
for(const [s,i,o] of layers){
  const w=tf.randomNormal([3,3,i,o]);
  const mk=(n,c)=>tf.randomNormal([n,s,s,c]);
  const [x32,xb,xg]=[mk(32,i),mk(32-G,i),mk(G,i)],[d32,db,dg]=[mk(32,o),mk(32-G,o),mk(G,o)];
  const r=[time(()=>[conv(xb,w),conv(xg,w)]),time(()=>[conv(x32,w)]),time(()=>[bi(db,w,xb.shape),bi(dg,w,xg.shape)]),time(()=>[bi(d32,w,x32.shape)]),time(()=>[bf(xb,db,w.shape),bf(xg,dg,w.shape)]),time(()=>[bf(x32,d32,w.shape)])];
  if(i===3){r[2]=r[3]=0}
  console.log([s,i,o].join('x'),r.map(x=>x.toFixed(2)).join('  '));
  r.forEach((x,k)=>T[k]+=x);
  tf.dispose([w,x32,xb,xg,d32,db,dg]);
}
console.log('total fwd 2 calls, 1 call; bwdIn 2, 1; bwdF 2, 1:',T.map(x=>x.toFixed(1)).join('  '));
